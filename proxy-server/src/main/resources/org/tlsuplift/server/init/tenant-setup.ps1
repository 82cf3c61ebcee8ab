<#
.SYNOPSIS
Lets TLS Uplift sign in to the mailboxes below with OAuth. 'tls-uplift tenant setup' wrote this script.

.DESCRIPTION
Without -Apply, the script changes nothing: it shows what is missing. With -Apply, it changes what is
missing. Run it again at any time.

The script has two parts, because the modules Microsoft.Graph and ExchangeOnlineManagement cannot sign
in from one PowerShell window. Run each part in a window of its own:

  .\tls-uplift-tenant-setup.ps1 -Part Entra
  .\tls-uplift-tenant-setup.ps1 -Part Entra -Apply

The first part prints the command for the second part. tls-uplift-tenant-remove.ps1 takes all changes
back. The manual of TLS Uplift has the sources of all cmdlets: tls-uplift manual connect-microsoft365
#>
[CmdletBinding()]
param(
    [ValidateSet('Entra', 'Exchange')]
    [string]$Part = 'Entra',
    # Makes the changes. Without it, the script only shows them.
    [switch]$Apply,
    # The application to use, if several have the same name. The second part needs it.
    [string]$ApplicationId,
    # The object ID of the enterprise application. The second part needs it.
    [string]$ObjectId,
    # For accounts with 'sendBy: graph': lets the application send from the mailboxes by Microsoft Graph,
    # and leaves SMTP AUTH as it is. For the second part.
    [switch]$Graph
)

#SETTINGS#

$ErrorActionPreference = 'Stop'
# Office 365 Exchange Online and Microsoft Graph have these application IDs in every tenant.
$ExchangeOnline = '00000002-0000-0ff1-ce00-000000000000'
$MicrosoftGraph = '00000003-0000-0000-c000-000000000000'
$changes = 0

function Invoke-Change {
    param([string]$What, [scriptblock]$Action, [int]$Tries = 6)
    $script:changes++
    if (-not $Apply) {
        Write-Host "would change:  $What"
        return
    }
    Write-Host "changes:       $What"
    for ($try = 1; ; $try++) {
        try {
            return & $Action
        } catch {
            if ($try -ge $Tries) { throw }
            # A new object reaches the other servers after some seconds.
            Write-Host "               not yet ($($_.Exception.Message)); trying again in 10 seconds"
            Start-Sleep -Seconds 10
        }
    }
}

function Assert-Module {
    param([string]$Needed, [string]$Other)
    if (Get-Module -Name $Other) {
        throw "This window has loaded $Other, which conflicts with $Needed. Open a new PowerShell window, and run the script there."
    }
    if (-not (Get-Module -ListAvailable -Name $Needed)) {
        throw "The module $Needed is missing. Run: Install-Module $Needed -Scope CurrentUser"
    }
}

function Find-Application {
    $filter = "appId eq '$ApplicationId'"
    if (-not $ApplicationId) {
        $escaped = $Name.Replace("'", "''")
        $filter = "displayName eq '$escaped'"
    }
    $found = @(Get-MgApplication -Filter $filter -All)
    if ($found.Count -gt 1) {
        throw "$($found.Count) applications are called $Name. Choose one with -ApplicationId: $($found.AppId -join ', ')"
    }
    if ($ApplicationId -and $found.Count -eq 0) {
        throw "The tenant has no application with the ID $ApplicationId."
    }
    if ($found.Count -eq 1) {
        # Only the request for a single application returns its certificates completely.
        return Get-MgApplication -ApplicationId $found[0].Id -Property 'id,appId,displayName,isFallbackPublicClient,publicClient,keyCredentials,passwordCredentials,requiredResourceAccess'
    }
}

# The permission on the page 'API permissions' of the application, beside those that it has.
function Add-ListedPermission {
    param($Application, [string]$Resource, $Ids, [string]$Type)
    $access = @($Application.RequiredResourceAccess | Where-Object { $_ })
    $listed = @($access | Where-Object { $_.ResourceAppId -eq $Resource } | ForEach-Object { $_.ResourceAccess })
    $missing = @($Ids | Where-Object { $listed.Id -notcontains $_ })
    if ($missing.Count -gt 0) {
        $null = Invoke-Change "list these API permissions: $($Permissions -join ', ')" {
            $all = @($access | Where-Object { $_.ResourceAppId -ne $Resource } | ForEach-Object {
                    @{ ResourceAppId = $_.ResourceAppId; ResourceAccess = @($_.ResourceAccess | ForEach-Object { @{ Id = $_.Id; Type = $_.Type } }) }
                })
            $all += @{
                ResourceAppId = $Resource
                ResourceAccess = @($listed | Where-Object { $_ } | ForEach-Object { @{ Id = $_.Id; Type = $_.Type } }) + @($missing | ForEach-Object { @{ Id = $_; Type = $Type } })
            }
            Update-MgApplication -ApplicationId $Application.Id -RequiredResourceAccess $all
        }
    }
}

function Set-EntraPart {
    Assert-Module 'Microsoft.Graph.Applications' 'ExchangeOnlineManagement'
    Connect-MgGraph -TenantId $Tenant -Environment $GraphEnvironment -Scopes 'Application.ReadWrite.All', 'AppRoleAssignment.ReadWrite.All' -NoWelcome
    $tenantId = (Get-MgContext).TenantId
    Write-Host "Tenant $Tenant ($tenantId), application $Name"

    $application = Find-Application
    if (-not $application) {
        $application = Invoke-Change "register the application $Name" -Tries 1 {
            New-MgApplication -DisplayName $Name -SignInAudience 'AzureADMyOrg'
        }
    }

    if ($CertificateData) {
        $kept = @($application.KeyCredentials | Where-Object { $_ })
        if ($kept.DisplayName -notcontains $CertificateLabel) {
            $null = Invoke-Change "add the certificate $CertificateLabel (the key stays on the machine of TLS Uplift)" {
                $added = @{
                    Type = 'AsymmetricX509Cert'
                    Usage = 'Verify'
                    Key = [Convert]::FromBase64String($CertificateData)
                    DisplayName = $CertificateLabel
                    StartDateTime = [DateTime]::Parse($CertificateStart).ToUniversalTime()
                    EndDateTime = [DateTime]::Parse($CertificateEnd).ToUniversalTime()
                }
                # The list replaces the old one, so it repeats the other certificates.
                Update-MgApplication -ApplicationId $application.Id -KeyCredentials ($kept + $added)
            }
        }
    }

    $principal = $null
    if ($application) {
        $principal = Get-MgServicePrincipal -Filter "appId eq '$($application.AppId)'"
    }
    if (-not $principal) {
        $principal = Invoke-Change 'create the enterprise application' {
            New-MgServicePrincipal -AppId $application.AppId
        }
    }

    if ($Flow -eq 'application') {
        $resource = Get-MgServicePrincipal -Filter "appId eq '$ExchangeOnline'"
        if (-not $resource) {
            throw 'The tenant has no Office 365 Exchange Online. Check that the tenant has mailboxes in Exchange Online.'
        }
        $roles = @($Permissions | ForEach-Object {
                $permission = $_
                $role = $resource.AppRoles | Where-Object { $_.Value -eq $permission -and $_.AllowedMemberTypes -contains 'Application' }
                if (-not $role) { throw "Office 365 Exchange Online has no application permission $permission." }
                $role
            })
        Add-ListedPermission $application $ExchangeOnline $roles.Id 'Role'
        $granted = @()
        if ($principal) {
            $granted = @(Get-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $principal.Id -All)
        }
        foreach ($role in $roles) {
            if (-not ($granted | Where-Object { $_.AppRoleId -eq $role.Id -and $_.ResourceId -eq $resource.Id })) {
                $null = Invoke-Change "grant $($role.Value), with admin consent" {
                    New-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $principal.Id -PrincipalId $principal.Id -ResourceId $resource.Id -AppRoleId $role.Id
                }
            }
        }
    } else {
        $resource = Get-MgServicePrincipal -Filter "appId eq '$MicrosoftGraph'"
        $scopes = @($Permissions | ForEach-Object {
                $permission = $_
                $scope = $resource.Oauth2PermissionScopes | Where-Object { $_.Value -eq $permission }
                if (-not $scope) { throw "Microsoft Graph has no delegated permission $permission." }
                $scope
            })
        Add-ListedPermission $application $MicrosoftGraph $scopes.Id 'Scope'
        if (-not $application.IsFallbackPublicClient) {
            $null = Invoke-Change 'allow public client flows' {
                Update-MgApplication -ApplicationId $application.Id -IsFallbackPublicClient
            }
        }
        # For tls-uplift accounts sign-in --browser. Microsoft ignores the port of localhost.
        $redirects = @($application.PublicClient.RedirectUris | Where-Object { $_ })
        if ($redirects -notcontains 'http://localhost') {
            $null = Invoke-Change 'add the redirect URI http://localhost for mobile and desktop applications' {
                Update-MgApplication -ApplicationId $application.Id -PublicClient @{ RedirectUris = $redirects + 'http://localhost' }
            }
        }
    }

    if ($NewSecret) {
        $now = [DateTime]::UtcNow
        $valid = @($application.PasswordCredentials | Where-Object { $_.DisplayName -eq $Name -and $_.EndDateTime -gt $now })
        if ($valid.Count -eq 0) {
            $secret = Invoke-Change 'create a client secret that is valid for a year' -Tries 1 {
                Add-MgApplicationPassword -ApplicationId $application.Id -PasswordCredential @{ DisplayName = $Name; EndDateTime = $now.AddYears(1) }
            }
            if ($secret) {
                Write-Host ''
                Write-Host "The client secret, shown only once: $($secret.SecretText)"
                Write-Host "It expires on $($secret.EndDateTime). Give it to the administrator of TLS Uplift by a safe way, not by mail."
            }
        }
    }

    Show-Result
    if ($application -and $principal) {
        Write-Host ''
        Write-Host 'Paste this line into the page Connect Microsoft 365, or into tls-uplift tenant setup (tenant ID, application ID, object ID of the enterprise application):'
        Write-Host "  $tenantId $($application.AppId) $($principal.Id)"
        if ($Mailboxes.Count -gt 0) {
            Write-Host ''
            Write-Host 'Next, open a NEW PowerShell window and run the second part:'
            Write-Host "  .\tls-uplift-tenant-setup.ps1 -Part Exchange -ApplicationId $($application.AppId) -ObjectId $($principal.Id)"
            Write-Host "  .\tls-uplift-tenant-setup.ps1 -Part Exchange -ApplicationId $($application.AppId) -ObjectId $($principal.Id) -Apply"
        }
    }
    $null = Disconnect-MgGraph
}

function Set-ExchangePart {
    if (-not $ApplicationId -or -not $ObjectId) {
        throw 'Give -ApplicationId and -ObjectId, as the first part printed them.'
    }
    if ($ApplicationId -eq $ObjectId) {
        throw 'ApplicationId and ObjectId are the same. ObjectId is the object ID of the enterprise application.'
    }
    Assert-Module 'ExchangeOnlineManagement' 'Microsoft.Graph.Authentication'
    Connect-ExchangeOnline -ExchangeEnvironmentName $ExchangeEnvironment -ShowBanner:$false
    Write-Host "Organization $((Get-OrganizationConfig).Name), application $Name"

    if ($Flow -eq 'application') {
        $known = @(Get-ServicePrincipal | Where-Object { $_.AppId -eq $ApplicationId })
        foreach ($wrong in @($known | Where-Object { $_.ObjectId -ne $ObjectId })) {
            $null = Invoke-Change "remove the service principal with the wrong object ID $($wrong.ObjectId)" {
                Remove-ServicePrincipal -Identity $wrong.ObjectId -Confirm:$false
            }
        }
        if ($known.ObjectId -notcontains $ObjectId) {
            $null = Invoke-Change "create the service principal $ObjectId in Exchange Online" {
                New-ServicePrincipal -AppId $ApplicationId -ObjectId $ObjectId -DisplayName $Name
            }
        }
    }

    foreach ($mailbox in $Mailboxes) {
        # Some cmdlets return everything for a name that does not exist.
        if (@(Get-Mailbox -Identity $mailbox -ErrorAction SilentlyContinue).Count -ne 1) {
            Write-Warning "The tenant has no mailbox $mailbox. Create it, or correct the list at the top of this script; then run the script again."
            continue
        }
        if ($Flow -eq 'application') {
            $access = Get-MailboxPermission -Identity $mailbox -User $ObjectId -ErrorAction SilentlyContinue
            if (-not ($access | Where-Object { $_.AccessRights -contains 'FullAccess' -and -not $_.Deny })) {
                $null = Invoke-Change "${mailbox}: let the application open the mailbox (FullAccess)" {
                    Add-MailboxPermission -Identity $mailbox -User $ObjectId -AccessRights FullAccess
                }
            }
            if ($Protocols -contains 'smtp') {
                $sendAs = Get-RecipientPermission -Identity $mailbox -Trustee $ObjectId -ErrorAction SilentlyContinue
                if (-not ($sendAs | Where-Object { $_.AccessRights -contains 'SendAs' })) {
                    $null = Invoke-Change "${mailbox}: let the application send as the mailbox (SendAs)" {
                        Add-RecipientPermission -Identity $mailbox -Trustee $ObjectId -AccessRights SendAs -Confirm:$false
                    }
                }
            }
        }
        $settings = Get-CASMailbox -Identity $mailbox
        # An empty value follows the setting of the tenant, so only $false switches SMTP AUTH on for sure.
        if ($Protocols -contains 'smtp' -and -not $Graph -and $settings.SmtpClientAuthenticationDisabled -ne $false) {
            $null = Invoke-Change "${mailbox}: switch SMTP AUTH on" {
                Set-CASMailbox -Identity $mailbox -SmtpClientAuthenticationDisabled $false
            }
        }
        if ($Protocols -contains 'imap' -and -not $settings.ImapEnabled) {
            $null = Invoke-Change "${mailbox}: switch IMAP on" {
                Set-CASMailbox -Identity $mailbox -ImapEnabled $true
            }
        }
        if ($Protocols -contains 'pop3' -and -not $settings.PopEnabled) {
            $null = Invoke-Change "${mailbox}: switch POP3 on" {
                Set-CASMailbox -Identity $mailbox -PopEnabled $true
            }
        }
    }

    if ($Graph -and $Flow -eq 'application' -and $Mailboxes.Count -gt 0) {
        # A permission in Entra would be for all mailboxes of the tenant. These roles are for the scope alone.
        $scopeName = "$Name Graph"
        $quoted = @($Mailboxes | ForEach-Object { "'" + $_.Replace("'", "''") + "'" })
        $filter = @($quoted | ForEach-Object { "PrimarySmtpAddress -eq $_" }) -join ' -or '
        $scope = Get-ManagementScope -Identity $scopeName -ErrorAction SilentlyContinue
        if (-not $scope) {
            $null = Invoke-Change "create the management scope $scopeName for the mailboxes" {
                New-ManagementScope -Name $scopeName -RecipientRestrictionFilter $filter
            }
        } elseif (@($quoted | Where-Object { -not "$($scope.RecipientFilter)".Contains($_) }).Count -gt 0) {
            $null = Invoke-Change "add mailboxes to the management scope $scopeName" {
                Set-ManagementScope -Identity $scopeName -RecipientRestrictionFilter $filter
            }
        }
        foreach ($role in 'Application Mail.Send', 'Application Mail.ReadWrite') {
            if (-not (Get-ManagementRoleAssignment -RoleAssignee $ObjectId -Role $role -ErrorAction SilentlyContinue)) {
                $null = Invoke-Change "give the application the role $role for these mailboxes" {
                    New-ManagementRoleAssignment -App $ObjectId -Role $role -CustomResourceScope $scopeName
                }
            }
        }
        Write-Host "Check the roles: Test-ServicePrincipalAuthorization -Identity $ObjectId -Resource $($Mailboxes[0])"
    }

    Show-Result
    Write-Host "Microsoft's servers may need up to an hour. Check on the machine of TLS Uplift: tls-uplift tenant check --wait"
    Disconnect-ExchangeOnline -Confirm:$false
}

function Show-Result {
    Write-Host ''
    if ($changes -eq 0) {
        Write-Host 'Nothing is missing.'
    } elseif ($Apply) {
        Write-Host "$changes changes made."
    } else {
        Write-Host "$changes changes are missing. Run the same command again with -Apply to make them."
    }
}

if ($Part -eq 'Entra') { Set-EntraPart } else { Set-ExchangePart }
